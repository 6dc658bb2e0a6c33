// Sizes of files as a person reads them.

/** How large a file is, in words. */
export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const unit = bytes < 1024 ** 2 ? { name: "KB", of: 1024 } : { name: "MB", of: 1024 ** 2 };
  return `${(bytes / unit.of).toFixed(bytes < 10 * unit.of ? 1 : 0)} ${unit.name}`;
}
