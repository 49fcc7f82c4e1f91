/** Takes away what a killed holdup left in the kernel, which only root can have done. */
export async function sweepLeftovers(): Promise<void> {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return
  const { sweepInstances } = await import('../probes/tracefs/instance.ts')
  sweepInstances()
}
