// Imported first: Houdini keeps a cache only where there is a window.
globalThis.window = globalThis;
