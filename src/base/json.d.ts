// JSON files are data of unknown shape to the compiler: the module that imports one says what it holds.
declare module '*.json' {
  const value: unknown;
  export default value;
}
