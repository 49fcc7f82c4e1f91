export function bundleApp(): Promise<void>
export function reportJsonSchema(reportSchema: unknown): Record<string, unknown>
export function configJsonSchema(configSchema: unknown): Record<string, unknown>
