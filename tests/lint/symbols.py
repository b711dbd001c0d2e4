#!/usr/bin/env python3
"""Fails on time, chance, environment, threads and mutable statics in our own compiled code.

The symbols of our objects say what the code asks of the system, through whatever wrapper or header it
came. An unoptimized build says most: nothing is inlined away.
"""

import argparse
import re
import subprocess
import sys

C_FUNCTIONS = """
    clock clock_gettime gettimeofday ftime time times timespec_get localtime localtime_r mktime tzset
    nanosleep clock_nanosleep sleep usleep
    rand rand_r srand random random_r srandom drand48 erand48 lrand48 nrand48 mrand48 jrand48
    getrandom getentropy arc4random arc4random_buf arc4random_uniform RAND_bytes RAND_priv_bytes
    getenv secure_getenv setlocale gethostname uname getpid getppid gettid
    fork pthread_create thrd_create sched_getcpu sysconf get_nprocs
""".split()

# Searched in the names of symbols that are used or (for templates) instantiated.
CXX_NAMES = [
    r"^std::chrono::.*\bclock::now\(\)",
    r"^std::chrono::.*_clock::now\(\)",
    r"^std::random_device::",
    r"^std::(thread|jthread|this_thread)::(?!id\b)",
    r"^std::__?future_base|^std::async",
    r"^std::locale::(global\(|locale\(char const)",
    r"\bstd::(mersenne_twister|linear_congruential|subtract_with_carry)_engine<",
    r"\bstd::\w+_distribution<",
    r"\bstd::(random_)?shuffle<",
    r"^absl::(\w+::)*(Now|GetCurrentTimeNanos|SleepFor|LocalTimeZone)\(",
    r"^AbslInternalSleepFor",
    r"^absl::(\w+::)*local_time_zone\(",
    r"^absl::(\w+::)*random_internal::",
]

# localeconv is not among the C functions: nlohmann's reader calls it to undo what the locale does to numbers.
FORBIDDEN = re.compile("|".join([rf"^(?:{'|'.join(C_FUNCTIONS)})(?:@.*)?$"] + CXX_NAMES))

# A static is mutable unless it is read-only data (.rodata, .data.rel.ro) or named as a constant is:
# kName may be filled in once, at its first use.
WRITABLE = re.compile(r"^\.(?:tdata|tbss|bss|data(?!\.rel\.ro))")
CONSTANT = re.compile(r"\bk[A-Z]\w*(?:\[abi:\w+\])?$")
OURS = re.compile(r"\bskybox::|^[A-Za-z]\w*$")


def findings(nm, files):
  output = subprocess.run(
      [nm, "--demangle", "--format=sysv", *files], check=True, capture_output=True, text=True).stdout
  found = set()
  member = ""
  symbols = 0
  for line in output.splitlines():
    heading = re.match(r"(?:Symbols|Undefined symbols) from (.*):$", line)
    if heading:
      member = heading[1].split("/")[-1]
      continue
    columns = [column.strip() for column in line.rsplit("|", 6)]
    if len(columns) != 7 or columns[0] == "Name":
      continue
    symbols += 1
    name, kind, section = columns[0], columns[2], columns[6]
    name = re.sub(r"^(?:non-virtual thunk to|TLS (?:init|wrapper) function for) ", "", name)
    if kind in "UuVvWw" and FORBIDDEN.search(name):
      found.add(f"{member}: uses {name}")
    static = re.sub(r"^guard variable for ", "", name)
    if (WRITABLE.match(section) and OURS.search(static) and not CONSTANT.search(static)
        and ".pb.cc" not in member):
      found.add(f"{member}: mutable static or thread-local {static}")
  if symbols == 0:
    sys.exit(f"no symbols in {files}")
  return sorted(found)


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--nm", default="nm")
  parser.add_argument("--self-test", action="store_true",
                      help="the object of forbidden_symbols.cc: everything promised there is found")
  parser.add_argument("files", nargs="+")
  arguments = parser.parse_args()
  found = findings(arguments.nm, arguments.files)
  print("\n".join(found))
  if not arguments.self_test:
    sys.exit(1 if found else 0)

  source = open("tests/lint/forbidden_symbols.cc", encoding="utf-8").read()
  promised = re.findall(r"// finds: (.*)", source)
  overlooked = [p for p in promised if not any(re.search(rf"{re.escape(p)}\b|{re.escape(p)}", f)
                                               for f in found)]
  wrong = [f for f in found if "kConstant" in f or "kPhrases" in f]
  if not promised or overlooked or wrong:
    sys.exit(f"overlooked: {overlooked}, wrongly found: {wrong}")


if __name__ == "__main__":
  main()
