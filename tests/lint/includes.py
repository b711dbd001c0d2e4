#!/usr/bin/env python3
"""Holds the floors of the house over the include lines, and the length of files.

Includes point down: vocabulary <- kernel <- wire <- services <- cloud <- testing, report. No service
includes another, except the public header of one that its CMake call declares with USES. Public
headers include the standard library, the few Abseil headers of the public API, and public headers.
"""

import pathlib
import re
import sys
import tempfile

FLOORS = {"base": 0, "proto": 0, "kernel": 1, "wire": 2, "cloud": 4, "testing": 5, "report": 5}
SERVICE_FLOOR = 3
PUBLIC_ABSEIL = re.compile(r"absl/(status/status|status/statusor|time/time|time/civil_time|numeric/int128)\.h$")
# The C library's word on whether a thread was ever started, looked for with __has_include.
PUBLIC_SYSTEM = {"skybox/text.h": "<sys/single_threaded.h>"}
HEAVY = re.compile(r"<(iostream|regex)>")
MAX_LINES, LONG_LINES = 900, 800

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])', re.MULTILINE)
SERVICE_CALL = re.compile(r"skybox_service\(\s*(\w+)([^)]*)\)")


def read_services(root):
  """Every declared service with the set of those that it USES."""
  services = {}
  for lists in sorted(root.glob("lib/*/CMakeLists.txt")):
    for name, rest in SERVICE_CALL.findall(lists.read_text()):
      uses = re.search(r"\bUSES\s+([\w\s]*)", rest)
      services[name] = set(re.split(r"\bSOURCES\b", uses[1])[0].split()) if uses else set()
  return services


class House:

  def __init__(self, root):
    self.root = root
    self.services = read_services(root)

  def place(self, path):
    """(room, is public) of an include path such as skybox/sqs.h or kernel/clock.h; None: not ours."""
    parts = path.split("/")
    if parts[0] != "skybox":
      known = parts[0] in FLOORS or parts[0] in self.services
      return (parts[0], False) if known and len(parts) > 1 else None
    stem = parts[1].removesuffix(".h")
    for room in (stem, stem.split("_")[0]):  # sqs.h and sqs_types.h both belong to sqs
      if room in self.services or room in FLOORS:
        return (room, True)
    return ("base", True)

  def floor(self, room):
    return FLOORS.get(room, SERVICE_FLOOR)

  def complaint(self, path, included):
    """What is wrong with `included` (with its brackets) in the file of include path `path`."""
    room, is_public = self.place(path)
    target = included[1:-1]
    place = self.place(target)
    if path.endswith(".h") and HEAVY.match(included):
      return "too heavy for a header"
    if place is None:
      if included == PUBLIC_SYSTEM.get(path):
        return None
      if is_public and ("/" in target or included[0] == '"') and not PUBLIC_ABSEIL.match(target):
        return "a public header includes the standard library, Abseil's status, time and int128, and skybox"
      if included[0] == '"' and not (self.root / "lib" / target).exists() and not re.match(
          r"(absl|google|nlohmann|fmt|openssl)/", target):
        return "an include path starts with skybox/, a folder of lib/ or a known library"
      return None
    other, other_is_public = place
    if not other_is_public and is_public:
      return "a public header includes a private one"
    if other == "proto" and self.floor(room) == 0 and room != "proto":
      return "the vocabulary knows no schema"
    if self.floor(other) > self.floor(room):
      return f"{room} is below {other}"
    if self.floor(room) == SERVICE_FLOOR == self.floor(other) and room != other:
      if is_public:
        return "a service's public header includes no other service"
      if other not in self.services[room]:
        return f"{room} does not declare USES {other}"
      if not other_is_public:
        return f"{room} may use the public header of {other} only"
    if is_public and room == "cloud" and other in self.services:
      return "cloud.h includes no service"
    return None

  def complaints(self):
    files = [(file, file.relative_to(self.root / top))
             for top in ("include", "lib")
             for file in sorted((self.root / top).rglob("*"))
             if file.suffix in (".h", ".cc")]
    if not files:
      yield f"no files in {self.root}"
    for file, path in files:
      text = file.read_text()
      where = file.relative_to(self.root)
      if self.place(str(path)) is None:
        yield f"{where}: {path.parts[0]} is no known part (no skybox_service call names it)"
        continue
      for match in INCLUDE.finditer(text):
        complaint = self.complaint(str(path), match[1])
        if complaint:
          line = text.count("\n", 0, match.start(1)) + 1
          yield f"{where}:{line}: {match[1]}: {complaint}"
      lines = text.count("\n")
      if lines > MAX_LINES:
        yield f"{where}: {lines} lines, more than {MAX_LINES}"
      elif lines > LONG_LINES:
        print(f"warning: {where}: {lines} lines: a room that may want to be two")


def self_test():
  """Every line of a made-up house that is marked `bad` is found, and no other."""
  house = {
      "lib/sqs/CMakeLists.txt": "skybox_service(sqs SOURCES a.cc)",
      "lib/ec2/CMakeLists.txt": "skybox_service(ec2)",
      "lib/beanstalk/CMakeLists.txt": "skybox_service(\n  beanstalk\n  USES ec2\n  SOURCES s.cc)",
      "include/skybox/text.h": '#include <string>\n#include <regex>  // bad\n#include "absl/status/status.h"\n'
                               '#include "absl/strings/str_cat.h"  // bad\n#include <fmt/format.h>  // bad\n'
                               '#include "kernel/clock.h"  // bad\n#include "skybox/sqs.h"  // bad\n',
      "include/skybox/sqs.h": '#include "skybox/text.h"\n#include "skybox/ec2.h"  // bad\n#include "sqs/state.h"  // bad\n',
      "include/skybox/sqs_types.h": '#include "skybox/text.h"\n#include "skybox/ec2.h"  // bad\n',
      "include/skybox/ec2.h": '#include "skybox/cloud.h"  // bad\n#include "proto/snapshot.pb.h"  // bad\n',
      "include/skybox/cloud.h": '#include "skybox/text.h"\n#include "skybox/sqs.h"  // bad\n'
                                '#  include "skybox/testing/explore.h"  // bad\n',
      "include/skybox/testing/explore.h": '#include "skybox/cloud.h"\n#include "skybox/sqs.h"\n',
      "lib/base/text.cc": '#include "skybox/text.h"\n#include <iostream>\n#include "proto/snapshot.pb.h"  // bad\n',
      "lib/kernel/clock.h": '#include "skybox/text.h"\n#include <iostream>  // bad\n#include "sqs/state.h"  // bad\n'
                            '#include "skybox/sqs.h"  // bad\n#include "skybox/cloud.h"  // bad\n'
                            '#include "wire/json.h"  // bad\n#include "clock.h"  // bad\n',
      "lib/wire/json.h": '#include "kernel/clock.h"\n#include <nlohmann/json.hpp>\n',
      "lib/sqs/a.cc": '#include "sqs/state.h"\n#include "wire/json.h"\n#include "proto/snapshot.pb.h"\n'
                      '#include "skybox/ec2.h"  // bad\n#include "ec2/state.h"  // bad\n',
      "lib/beanstalk/s.cc": '#include "skybox/ec2.h"\n#include "ec2/state.h"  // bad\n#include "skybox/sqs.h"  // bad\n',
      "lib/cloud/cloud.cc": '#include "skybox/sqs.h"\n#include "sqs/state.h"\n#include <fmt/format.h>\n'
                            '#include "testing/explore.h"  // bad\n',
  }
  with tempfile.TemporaryDirectory() as directory:
    root = pathlib.Path(directory)
    expected = set()
    for name, text in house.items():
      (root / name).parent.mkdir(parents=True, exist_ok=True)
      (root / name).write_text(text)
      expected |= {f"{name}:{number}" for number, line in enumerate(text.splitlines(), 1) if "bad" in line}
    (root / "lib/kernel/long.cc").write_text("\n" * (MAX_LINES + 1))
    (root / "lib/nobody").mkdir()
    (root / "lib/nobody/x.cc").write_text("")
    expected |= {"lib/kernel/long.cc", "lib/nobody/x.cc"}
    found = {": ".join(c.split(": ")[:1]) for c in House(root).complaints()}
  if found != expected:
    sys.exit(f"overlooked: {sorted(expected - found)}, wrongly found: {sorted(found - expected)}")


def main():
  if "--self-test" in sys.argv[1:]:
    self_test()
    return
  complaints = list(House(pathlib.Path(__file__).resolve().parents[2]).complaints())
  print("\n".join(complaints))
  sys.exit(1 if complaints else 0)


if __name__ == "__main__":
  main()
