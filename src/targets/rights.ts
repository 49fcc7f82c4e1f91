/** The command that gives holdup a right which it lacks to attach to a process of user `uid`. */
export function commandFor(
  right: 'CAP_SYS_PTRACE' | 'CAP_SYS_ADMIN',
  { pid, uid }: { pid: number; uid: number },
): string {
  if (process.geteuid?.() !== 0) return `sudo holdup attach ${pid}`
  // A container's root: sudo gives it nothing.
  return right === 'CAP_SYS_PTRACE' && uid !== 0
    ? `docker exec -u ${uid} … holdup attach ${pid}`
    : `docker run --cap-add ${right.slice('CAP_'.length)} …`
}
