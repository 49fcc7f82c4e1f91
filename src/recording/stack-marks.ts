/** What stands on top of a native stack in a record `on-cpu`, where it is not the function's own work. */
export const IN_KERNEL = '(kernel)'
/** In a loop that waits for another thread on CPU, or in a call that gives the core away for a moment. */
export const SPINNING = '(spinning)'
