/** Milliseconds of processor time that this thread has had. Unlike the clock it counts nothing that a busy machine does in between. */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
