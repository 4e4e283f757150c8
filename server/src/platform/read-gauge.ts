import { Gauge } from 'prom-client';

type Reading = { labels: Record<string, string>; value: number };
export type ReadGaugeOptions = {
  name: string;
  help: string;
  labelNames?: string[];
  read(): Promise<Reading[]>;
  failed(error: unknown): void;
};

/**
 * A gauge whose value is read when Prometheus asks; register it with the server's metrics. If it can't be read, it is left out and the other metrics
 * are still there.
 */
export function readGauge({ name, help, labelNames = [], read, failed }: ReadGaugeOptions): Gauge {
  return new Gauge({
    name,
    help,
    labelNames,
    registers: [],
    async collect() {
      this.reset();
      try {
        for (const { labels, value } of await read()) this.set(labels, value);
      } catch (error) {
        failed(error);
      }
    },
  });
}
