import type { BlobStore } from '../../platform/blob-store.js';
import { DomainError } from '../../platform/errors.js';
import { StoredLogBlock } from './log-block.js';
import type { BlockRef } from './log-store.js';

const MAX_RAW_BYTES = 16 * 1024 * 1024;
/** About what a block takes unpacked: its text and its times. */
const BLOCK_RAW_BYTES = 1.25 * 1024 * 1024;

/** Sealed blocks as they were read last, so that scrolling unpacks each but once. Blocks never change. */
export class BlockCache {
  private readonly blocks = new Map<string, Promise<StoredLogBlock>>();

  constructor(private readonly blobs: BlobStore) {}

  get({ blobKey }: BlockRef): Promise<StoredLogBlock> {
    const block = this.blocks.get(blobKey) ?? this.load(blobKey);
    this.blocks.delete(blobKey);
    this.blocks.set(blobKey, block);
    const [oldest] = this.blocks.keys();
    if (oldest !== undefined && this.blocks.size > MAX_RAW_BYTES / BLOCK_RAW_BYTES) this.blocks.delete(oldest);
    return block;
  }

  private async load(blobKey: string): Promise<StoredLogBlock> {
    try {
      const bytes = await this.blobs.read(blobKey);
      if (bytes) return new StoredLogBlock(bytes);
    } catch (error) {
      this.blocks.delete(blobKey);
      throw error;
    }
    this.blocks.delete(blobKey);
    throw new DomainError(
      'unavailable',
      'log_block_missing',
      "A part of this log is no longer in the blob store, so it can't be shown. Other parts can. Restore the store from a backup to get this one back.",
    );
  }
}
