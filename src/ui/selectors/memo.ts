/** Remembers the last result while everything it was made from is the same. */
export function memoizeLast<Arguments extends readonly unknown[], Result>(
  compute: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  let last: { readonly args: Arguments; readonly result: Result } | null = null;
  return (...args) => {
    if (last?.args.every((value, index) => Object.is(value, args[index])) && last.args.length === args.length)
      return last.result;
    const result = compute(...args);
    last = { args, result };
    return result;
  };
}
