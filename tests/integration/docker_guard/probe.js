// Makes system calls and prints what each gave: 0 or more is a result, below zero the negated errno.
// Arguments: one JSON list of [number, ...up to six integers].
import { dlopen, read } from "bun:ffi";

const { symbols: libc } = dlopen("libc.so.6", {
  syscall: { args: Array(7).fill("i64"), returns: "i64" },
  __errno_location: { args: [], returns: "ptr" },
});

const calls = JSON.parse(process.argv[2]);
const results = calls.map((call) => {
  const numbers = Array.from({ length: 7 }, (_, index) => BigInt(call[index] ?? 0));
  const result = libc.syscall(...numbers);
  return result < 0n ? -read.i32(libc.__errno_location(), 0) : Number(result);
});
console.log(JSON.stringify(results));
