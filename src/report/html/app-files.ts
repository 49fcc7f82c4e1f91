/** The bundled browser app. */
import { existsSync, readFileSync } from 'node:fs'
import { packageFile } from '../../package-file.ts'

/** Script and style of the app, as they stand in the page. */
export interface AppFiles {
  script: string
  style: string
}

/** `app`, of a report, `compare`, or `profile`, of a file that another program wrote. */
export type AppName = 'app' | 'compare' | 'profile'

const read = new Map<AppName, AppFiles>()

/** The app that `npm run build` bundled. */
export function readApp(name: AppName): AppFiles {
  const files = read.get(name) ?? { script: readBuilt(`${name}.js`), style: readBuilt(`${name}.css`) }
  read.set(name, files)
  return files
}

function readBuilt(name: string): string {
  const place = packageFile(`dist/report/html/${name}`)
  if (!existsSync(place)) throw new Error(`the HTML report's ${name} is missing: run npm run build`)
  const source = readFileSync(place, 'utf8')
  // It would end the element that holds it, and no hash would match.
  if (/<\/(?:script|style)/i.test(source)) throw new Error(`the HTML report's ${name} closes its own element`)
  return source
}
