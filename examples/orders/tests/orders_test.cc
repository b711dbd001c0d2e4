#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "fmt/format.h"
#include "orders/csv.h"
#include "orders/order.h"
#include "orders/program.h"

namespace orders {
namespace {

const std::string kFolder = ORDERS_FOLDER;

struct Outcome {
  int code = -1;
  std::string out = {};
  std::string err = {};

  std::string Line(const std::string& start) const {
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(start)) return line;
    }
    return {};
  }
};

// A stream whose text can be had.
class Memory {
 public:
  Memory() : file_(open_memstream(&text_, &size_)) { REQUIRE(file_ != nullptr); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    std::fclose(file_);
    std::free(text_);
  }
  std::FILE* file() { return file_; }
  std::string str() {
    std::fflush(file_);
    return std::string(text_, size_);
  }

 private:
  char* text_ = nullptr;
  size_t size_ = 0;
  std::FILE* file_;
};

Outcome Run(const std::vector<std::string>& arguments) {
  Memory out;
  Memory err;
  Outcome outcome;
  outcome.code = RunProgram(arguments, out.file(), err.file());
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

Outcome RunTiny(std::vector<std::string> more = {}) {
  more.insert(more.begin(), {kFolder + "/tests/tiny.csv", "--no-timing"});
  return Run(more);
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// A file that is gone when the test is over.
class TemporaryCsv {
 public:
  explicit TemporaryCsv(const std::string& text) {
    char name[] = "/tmp/skybox-orders-XXXXXX";
    const int descriptor = mkstemp(name);
    REQUIRE(descriptor >= 0);
    std::FILE* file = fdopen(descriptor, "wb");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
    path_ = name;
  }
  TemporaryCsv(const TemporaryCsv&) = delete;
  TemporaryCsv& operator=(const TemporaryCsv&) = delete;
  ~TemporaryCsv() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What ParseTraffic says of a text that it refuses.
std::string Refusal(const std::string& text) {
  std::istringstream in(text);
  const absl::StatusOr<Traffic> traffic = ParseTraffic(in, "a.csv");
  return traffic.ok() ? "accepted" : std::string(traffic.status().message());
}

std::string WithRow(const std::string& row) {
  return Refusal("timestamp,value\n2024-05-01 00:00:00,1\n" + row + "\n");
}

Traffic Parsed(const std::string& text) {
  std::istringstream in(text);
  absl::StatusOr<Traffic> traffic = ParseTraffic(in, "a.csv");
  REQUIRE(traffic.ok());
  return *std::move(traffic);
}

// ---- The input

TEST_CASE("A CSV of CloudWatch is a slot for each row", "[orders][csv]") {
  const Traffic traffic = Parsed(
      "timestamp,value\n2014-04-10 00:04:00,94.0\n2014-04-10 00:09:00,56\n"
      "2014-04-10 00:14:00,0\n2014-04-10 00:16:00,7\n2014-04-10 02:00:00,1e2\n");
  REQUIRE(traffic.slots.size() == 5);
  CHECK(traffic.requests == 94 + 56 + 7 + 100);
  CHECK(traffic.busiest_hour == 94 + 56 + 7);
  CHECK(traffic.period == absl::Minutes(5));
  CHECK(traffic.start() == absl::FromUnixSeconds(1'397'088'240));
  CHECK(traffic.slots[1].length == absl::Minutes(5));
  CHECK(traffic.slots[2].length == absl::Minutes(2));  // the next one comes early
  CHECK(traffic.slots[3].length == absl::Minutes(5));  // and the next one late
  CHECK(traffic.end() - traffic.start() == absl::Minutes(116 + 5));
}

TEST_CASE("A CSV may have CRLF, a byte order mark, no last newline and ISO times",
          "[orders][csv]") {
  const Traffic traffic =
      Parsed("\xEF\xBB\xBFTimestamp,Requests\r\n2024-02-29T23:59:59Z,3\r\n2024-03-01 00:00:00,4");
  CHECK(traffic.requests == 7);
  CHECK(traffic.period == absl::Seconds(1));
  CHECK(Parsed("timestamp,value\n2024-01-01 00:00:00,1\n").period == absl::Minutes(5));
}

TEST_CASE("A malformed CSV is refused with its file, its line and what is wrong", "[orders][csv]") {
  CHECK(Refusal("") == "a.csv:1: the file is empty; expected the header 'timestamp,value'");
  CHECK(Refusal("timestamp,value\n") == "a.csv:2: no rows after the header");
  const std::string no_header =
      "a.csv:1: the header is missing: expected 'timestamp,value', found ";
  CHECK(Refusal("2024-05-01 00:00:00,1\n") == no_header + "'2024-05-01 00:00:00,1'");
  CHECK(Refusal("timestamp\n") == no_header + "'timestamp'");
  CHECK(Refusal("timestamp,\n") == no_header + "'timestamp,'");
  CHECK(Refusal("timestamp,value,unit\n") == no_header + "'timestamp,value,unit'");
  CHECK(Refusal("\n") == no_header + "''");

  CHECK(WithRow("2024-05-01 00:05:00") ==
        "a.csv:3: expected 2 columns, a timestamp and a count, found 1 in '2024-05-01 00:05:00'");
  CHECK(WithRow("2024-05-01 00:05:00,1,2") ==
        "a.csv:3: expected 2 columns, a timestamp and a count, found 3 in "
        "'2024-05-01 00:05:00,1,2'");
  CHECK(WithRow("") == "a.csv:3: an empty line; expected a timestamp and a count");
  CHECK(WithRow(std::string(1001, 'x')) ==
        "a.csv:3: a line of 1001 bytes; at most 1000 are expected");
}

TEST_CASE("A malformed timestamp is refused", "[orders][csv]") {
  for (const std::string time :
       {"", "yesterday", "2024-05-01", "2024-05-01 00:05", "2024-05-01 00:05:00 ",
        " 2024-05-01 00:05:0", "2024/05/01 00:05:00", "2024-05-01T00:05:00", "2024-05-01 00:05:00Z",
        "2024-13-01 00:05:00", "2024-00-01 00:05:00", "2024-02-30 00:05:00", "2023-02-29 00:05:00",
        "2024-05-01 24:00:00", "2024-05-01 00:60:00", "2024-05-01 00:05:60", "2024-05-01 -1:05:00",
        "2024-05-01 00.05.00"}) {
    CHECK(WithRow(time + ",1") ==
          fmt::format("a.csv:3: '{}' is not a timestamp of the form YYYY-MM-DD HH:MM:SS", time));
  }
  CHECK(WithRow("\x1b[2J\n") ==
        "a.csv:3: expected 2 columns, a timestamp and a count, found 1 in "
        "'\\x1b[2J'");
  CHECK(WithRow("1969-12-31 23:59:59,1") ==
        "a.csv:3: the timestamp '1969-12-31 23:59:59' is not within the years 1970 to 2198");
  CHECK(WithRow("2199-01-01 00:00:00,1") ==
        "a.csv:3: the timestamp '2199-01-01 00:00:00' is not within the years 1970 to 2198");
  CHECK(WithRow("2198-12-31 23:59:59,1") == "accepted");
}

TEST_CASE("Timestamps have to increase", "[orders][csv]") {
  CHECK(WithRow("2024-04-30 23:59:59,1") ==
        "a.csv:3: the timestamp '2024-04-30 23:59:59' is not after the one before it, "
        "'2024-05-01 00:00:00'");
  CHECK(WithRow("2024-05-01 00:00:00,1") ==
        "a.csv:3: the timestamp '2024-05-01 00:00:00' is not after the one before it, "
        "'2024-05-01 00:00:00'");
  CHECK(WithRow("2024-05-01 00:00:01,1") == "accepted");
}

TEST_CASE("A malformed count is refused", "[orders][csv]") {
  const auto with_count = [](const std::string& count) {
    return WithRow("2024-05-01 00:05:00," + count);
  };
  CHECK(with_count("") == "a.csv:3: the count is missing");
  for (const std::string count : {"many", "nan", "-nan", "1x", " 1", "1 ", "+1", "0x10", "1.2.3"}) {
    CHECK(with_count(count) == fmt::format("a.csv:3: the count '{}' is not a number", count));
  }
  CHECK(with_count("-1") == "a.csv:3: the count '-1' is negative");
  CHECK(with_count("-inf") == "a.csv:3: the count '-inf' is negative");
  CHECK(with_count("1.5") == "a.csv:3: the count '1.5' is not a whole number");
  CHECK(with_count("1000001") == "a.csv:3: the count '1000001' is more than 1000000");
  CHECK(with_count("inf") == "a.csv:3: the count 'inf' is more than 1000000");
  CHECK(with_count("1e999") == "a.csv:3: the count '1e999' is out of range");
  CHECK(with_count("1000000") == "accepted");
  CHECK(with_count("0") == "accepted");

  std::string text = "timestamp,value\n";
  for (int i = 0; i < 10; ++i) text += fmt::format("2024-05-01 00:00:0{},1000000\n", i);
  CHECK(Refusal(text) == "accepted");
  CHECK(Refusal(text + "2024-05-01 00:00:10,1\n") ==
        "a.csv:12: more than 10000000 requests in all");
}

TEST_CASE("An order travels as text", "[orders]") {
  const Order order = {.id = 17, .customer = 4711, .sequence = 3};
  CHECK(order.Body() == "order=17 customer=4711 sequence=3");
  CHECK(Order::Parse(order.Body()) == order);
  for (const char* body :
       {"", "order=17", "order= customer=1 sequence=0", "order=17 customer=4711 sequence=3x",
        "order=-1 customer=1 sequence=0", "order=99999999999999999999 customer=1 sequence=0"}) {
    CHECK_FALSE(Order::Parse(body).has_value());
  }
}

// ---- The program

TEST_CASE("A run on a tiny CSV prints this", "[orders][transcript]") {
  const Outcome run = RunTiny();
  CHECK(run.code == 0);
  CHECK(run.err.empty());
  std::string out = run.out;
  const size_t folder = out.find(kFolder);
  REQUIRE(folder != std::string::npos);
  out.replace(folder, kFolder.size(), "examples/orders");
  // What a digest is worth is that it is the same: the next test. Its value is the library's
  // matter.
  out = std::regex_replace(out, std::regex("history=[0-9a-f]{16} .*"), "history=...");
  CHECK(out == ReadFile(kFolder + "/tests/tiny.txt"));
}

TEST_CASE("Equal runs have equal digests, and different seeds different ones", "[orders]") {
  const Outcome benign = RunTiny();
  const Outcome one = RunTiny({"--seed", "1"});
  const Outcome two = RunTiny({"--seed=2"});
  CHECK(benign.Line("Digest: history=").size() > 30);
  CHECK(benign.out == RunTiny().out);
  CHECK(one.out == RunTiny({"--seed", "1"}).out);
  CHECK(two.out == RunTiny({"--seed", "2"}).out);
  CHECK(one.Line("Digest: ") != two.Line("Digest: "));
  CHECK(one.Line("Digest: ") != benign.Line("Digest: "));
}

TEST_CASE("Every order is accounted for under every seed", "[orders]") {
  for (int seed = 0; seed < 20; ++seed) {
    const Outcome run = RunTiny({"--seed", std::to_string(seed)});
    INFO(run.out << run.err);
    CHECK(run.code == 0);
    CHECK(run.Line("Every order is accounted for: 1272 sent") != "");
    CHECK(run.Line("Repeated: ").ends_with("; 0 orders done twice"));
    CHECK(run.Line("In sequence: 83 of the business customer's 83 orders") != "");
  }
}

TEST_CASE("What the workers do not manage is still queued, and accounted for", "[orders]") {
  const TemporaryCsv csv("timestamp,value\n2024-05-01 00:00:00,300000\n");
  const Outcome run = Run({csv.path(), "--workers", "1", "--no-timing"});
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK_THAT(run.Line("Every order is accounted for: 300000 sent = "),
             Catch::Contains("done + ") && !Catch::Contains(" 0 still queued"));
}

TEST_CASE("A CSV without requests is no trouble", "[orders]") {
  const TemporaryCsv csv("timestamp,value\n2024-05-01 00:00:00,0\n");
  const Outcome run = Run({csv.path()});
  CHECK(run.code == 0);
  CHECK(run.Line("Every order is accounted for") ==
        "Every order is accounted for: 0 sent = 0 done + 0 still queued + 0 in the dead-letter "
        "queue");
}

TEST_CASE("The CSV that ships with the example runs", "[orders]") {
  const Outcome run = Run({kFolder + "/requests.csv"});
  CHECK(run.code == 0);
  CHECK_THAT(run.Line("Time: 3 d "), Catch::Contains(" virtual in ") && Catch::Contains(" real"));
  CHECK(run.Line("Every order is accounted for: 22650 sent") != "");
}

TEST_CASE("The real load balancer is the default where it is there", "[orders]") {
  const std::filesystem::path real = std::filesystem::path(kFolder) /
                                     "../../../shared/data/cloudwatch/elb_request_count_8c0756.csv";
  const bool there = std::filesystem::exists(real);
  if (!there) WARN("not there, so the shipped CSV is the default: " << real);
  const Outcome run = Run({"--no-timing"});
  CHECK(run.code == 0);
  const std::filesystem::path expected =
      there ? real : kFolder / std::filesystem::path("requests.csv");
  CHECK(run.Line("Reading ") == "Reading " + expected.lexically_normal().string());
  CHECK(run.Line(there ? "249327 requests in 4032 slots" : "22650 requests in 864 slots") != "");
}

TEST_CASE("A malformed CSV ends the program with 2 and one line", "[orders]") {
  const TemporaryCsv csv("timestamp,value\n2024-05-01 00:00:00,1\nnever,1\n");
  const Outcome run = Run({csv.path()});
  CHECK(run.code == 2);
  CHECK(run.out.empty());
  CHECK(run.err == csv.path() + ":3: 'never' is not a timestamp of the form YYYY-MM-DD HH:MM:SS\n");

  const Outcome missing = Run({"/nowhere/at/all.csv"});
  CHECK(missing.code == 2);
  CHECK(missing.err == "/nowhere/at/all.csv: cannot be read: No such file or directory\n");
  const Outcome folder = Run({kFolder});
  CHECK(folder.code == 2);
  CHECK(folder.err == kFolder + ": cannot be read: Is a directory\n");
}

TEST_CASE("Wrong arguments end the program with 2 and the usage", "[orders]") {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--seed"},
                                             {"--seed", "x"},
                                             {"--seed", "-1"},
                                             {"--seed=18446744073709551616"},
                                             {"--workers", "0"},
                                             {"--workers=10001"},
                                             {"--seeds", "1"},
                                             {"--unknown"},
                                             {"-x"},
                                             {""},
                                             {"a.csv", "b.csv"}}) {
    const Outcome run = Run(arguments);
    INFO(fmt::format("{}", fmt::join(arguments, " ")));
    CHECK(run.code == 2);
    CHECK(run.out.empty());
    CHECK_THAT(run.err, Catch::StartsWith("orders: ") && Catch::Contains("usage: orders"));
  }
  const Outcome help = Run({"--help"});
  CHECK(help.code == 0);
  CHECK_THAT(help.out, Catch::StartsWith("usage: orders"));
}

TEST_CASE("A progress bar is drawn on standard error when it is asked for", "[orders]") {
  const Outcome run = RunTiny({"--progress"});
  CHECK_THAT(run.err, Catch::Contains("\r[#") && Catch::Contains("%  2024-05-0"));
  CHECK(run.out == RunTiny().out);
}

}  // namespace
}  // namespace orders
