const SITES_AT_MOST = 4096
const ADDRESSES_KEPT = 8
/** One address may be a condition variable whose counter stands still. */
const SEVERAL = 2
const SAMPLES_NEEDED = 20

interface Site {
  samples: number
  alwaysTwo: boolean
  addresses: Set<number>
}

/**
 * Where futex is called from, in programs without symbols: a place whose expected value is always 2 over several addresses is
 * the slow path of a mutex; a condition variable's counter differs from one wait to the next.
 */
export class FutexSites {
  readonly #sites = new Map<number, Site>()

  /** @param site the first return address above the call. */
  observe(site: number, address: number, value: number): void {
    let seen = this.#sites.get(site)
    if (!seen) {
      if (this.#sites.size >= SITES_AT_MOST) return
      this.#sites.set(site, (seen = { samples: 0, alwaysTwo: true, addresses: new Set() }))
    }
    seen.samples++
    if (value !== 2) seen.alwaysTwo = false
    if (seen.addresses.size < ADDRESSES_KEPT) seen.addresses.add(address)
  }

  isMutex(site: number): boolean {
    const seen = this.#sites.get(site)
    return seen !== undefined && seen.alwaysTwo && seen.samples >= SAMPLES_NEEDED && seen.addresses.size >= SEVERAL
  }
}
