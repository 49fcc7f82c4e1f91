import { hostname } from 'node:os'
import { gzipSync } from 'node:zlib'
import type { Milliseconds } from '../units.ts'
import type { Letter } from './outbox.ts'
import { below, type Receiver } from './receiver.ts'

/** What Pyroscope is to make of a profile's types; else it takes those of locks for ever growing ones. */
const SAMPLE_TYPES = {
  cpu: { cpu: { units: 'samples', 'display-name': 'cpu', aggregation: 'sum' } },
  mutex: {
    contentions: { units: 'lock_samples', 'display-name': 'mutex_count', aggregation: 'sum' },
    delay: { units: 'lock_nanoseconds', 'display-name': 'mutex_duration', aggregation: 'sum' },
  },
}
/** As Parca names them. */
const PARCA_NAMES = { cpu: 'process_cpu', mutex: 'mutex' }

/** A profile of `service`, in pprof's format and not compressed; `from` and `until` in ms since 1970. */
export interface SentProfile {
  kind: keyof typeof SAMPLE_TYPES
  service: string
  from: Milliseconds
  until: Milliseconds
  profile: Uint8Array
}

/** As the receiver takes it: Parca where its path ends in `/profiles/writeraw`, else Pyroscope's `/ingest`. */
export function profileLetter(receiver: Receiver, sent: SentProfile): Letter {
  const compressed = gzipSync(sent.profile)
  return receiver.url.pathname.endsWith('/profiles/writeraw')
    ? parcaLetter(receiver, sent, compressed)
    : pyroscopeLetter(receiver, sent, compressed)
}

/**
 * A form without `format`: with `format=pprof` Pyroscope takes the whole body for the profile.
 * https://grafana.com/docs/pyroscope/latest/reference-server-api/#pprof-format
 */
function pyroscopeLetter(receiver: Receiver, { kind, service, from, until }: SentProfile, profile: Buffer): Letter {
  const url = receiver.url.pathname.endsWith('/ingest') ? new URL(receiver.url) : below(receiver, 'ingest')
  url.searchParams.set(
    'name',
    `${service.replaceAll(/[^\w./-]/g, '_')}{hostname=${hostname().replaceAll(/[^\w.-]/g, '_')}}`,
  )
  url.searchParams.set('from', String(Math.floor(from / 1000)))
  url.searchParams.set('until', String(Math.ceil(until / 1000)))
  url.searchParams.set('spyName', 'holdup')
  const body = new FormData()
  body.set('profile', new Blob([new Uint8Array(profile)]), 'profile.pprof')
  body.set('sample_type_config', new Blob([JSON.stringify(SAMPLE_TYPES[kind])]), 'sample_type_config.json')
  return { url, body, bytes: profile.length }
}

/** Of its ProfileStoreService, WriteRaw as JSON: https://github.com/parca-dev/parca/blob/main/proto/parca/profilestore/v1alpha1/profilestore.proto */
function parcaLetter({ url }: Receiver, { kind, service }: SentProfile, profile: Buffer): Letter {
  const labels = [
    { name: '__name__', value: PARCA_NAMES[kind] },
    { name: 'job', value: service },
    { name: 'node', value: hostname() },
  ]
  const samples = [{ rawProfile: profile.toString('base64') }]
  const body = JSON.stringify({ series: [{ labels: { labels }, samples }], normalized: true })
  return { url, body, headers: { 'content-type': 'application/json' }, bytes: body.length }
}
