/** What the app uses of packages that ship no types. */
declare module '*.css'
