/** @returns whether the browser took it */
export async function copyText(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    // Refused, or no clipboard outside https: the caller selects the text and says so.
    return false;
  }
}
