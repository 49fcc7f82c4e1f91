import { HoldupError } from '../errors.ts'

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file is in the place of its folder',
  EFBIG: 'the file would grow larger than the system allows',
  EIO: 'the disk reports an input/output error',
}

/** What went wrong in writing, as an error for the user; `instead` is the command to try where it is not a `run`. */
export function writeError(path: string, error: unknown, instead?: string): HoldupError {
  if (error instanceof HoldupError) return error
  const { code = '', message = String(error) } = Object(error) as { code?: string; message?: string }
  if (code === 'ENOSPC')
    return new HoldupError('disk-full', { path, reason: 'no space left on device' }, { cause: error })
  if (code === 'EDQUOT')
    return new HoldupError('disk-full', { path, reason: 'the disk quota is used up' }, { cause: error })
  const facts = { path, reason: REASONS[code] ?? message, ...(instead !== undefined && { instead }) }
  return new HoldupError('output-not-writable', facts, { cause: error })
}
