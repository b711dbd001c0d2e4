#ifndef SKYBOX_CHOICES_H_
#define SKYBOX_CHOICES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Everything that a real cloud leaves open is one call to one object: which of the visible messages
// comes first, whether a message is delivered twice, whether a call fails. Where the answers come
// from is the source's business: see Benign and Seeded.
namespace skybox {

// A hash of a name, the same in every process and build (FNV-1a, then mixed).
constexpr uint64_t HashOfName(std::string_view name) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return hash ^ (hash >> 31);
}

// One kind of question. Its name is its stream: draws of one stream are counted by themselves, so
// that a new draw elsewhere moves nothing here.
struct ChoicePoint {
  std::string_view name = {};  // such as "sqs.deliver_twice"; must outlive the Cloud
  uint32_t one_in = 1;         // how rarely a random source leaves the benign answer: 1 is always
                               // free to, 1000 is once in a thousand draws
  uint64_t instance = 0;       // a stream for each of many: a queue's number, say

  constexpr uint64_t stream() const { return HashOfName(name) ^ (instance * 0x9E3779B97F4A7C15u); }
};

// Where answers come from. A source is immutable: what changes from draw to draw is the index,
// which the Cloud counts for each stream, forks and saves. So one source serves many Clouds and
// threads.
class ChoiceSource {
 public:
  virtual ~ChoiceSource() = default;

  // The answer to draw number `index` (from 0) of this stream: in [0, n), where n > 1. 0 is the
  // most benign. An answer outside is taken modulo n.
  virtual uint64_t Pick(const ChoicePoint& point, uint64_t index, uint64_t n) const = 0;

  // What Save writes and Restore reads: "benign", "seeded:42". Empty: Restore has to be given the
  // source.
  virtual std::string Name() const { return {}; }
};

// Always 0: first in, first out, no faults, fixed delays. The same as no source.
class Benign final : public ChoiceSource {
 public:
  uint64_t Pick(const ChoicePoint&, uint64_t, uint64_t) const override { return 0; }
  std::string Name() const override { return "benign"; }
};

// A pure function of (seed, name of the stream, index of the draw).
class Seeded final : public ChoiceSource {
 public:
  // `one_in` replaces the rarity of the points it names: {{"sqs.deliver_twice", 2}} delivers every
  // second message twice; 0 switches a point off.
  explicit Seeded(uint64_t seed, std::map<std::string, uint32_t> one_in = {});

  uint64_t Pick(const ChoicePoint& point, uint64_t index, uint64_t n) const override;
  std::string Name() const override;  // empty when rarities were replaced

 private:
  uint64_t seed_;
  std::map<std::string, uint32_t> names_;
  std::map<uint64_t, uint32_t> one_in_;  // by HashOfName
};

// The object that everything in a Cloud asks.
class Choices {
 public:
  Choices() = default;
  explicit Choices(std::shared_ptr<const ChoiceSource> source);

  // In [0, n); 0 is the most benign. n of 0 or 1 answers 0 without a draw.
  uint64_t Pick(const ChoicePoint& point, uint64_t n) {
    if (source_ == nullptr || n < 2) return 0;
    return Draw(point, n);
  }

  // Whether every answer is 0, so that a caller may leave out what it would only need for asking.
  bool benign() const { return source_ == nullptr; }
  const std::shared_ptr<const ChoiceSource>& source() const { return source_; }

  // How many draws each stream has had, in the order of the streams' ids: what a snapshot keeps.
  struct StreamPosition {
    uint64_t stream = 0;
    uint64_t draws = 0;
    bool operator==(const StreamPosition&) const = default;
  };
  std::vector<StreamPosition> Positions() const;
  void SetPositions(const std::vector<StreamPosition>& positions);

 private:
  uint64_t Draw(const ChoicePoint& point, uint64_t n);

  std::shared_ptr<const ChoiceSource> source_;  // null: benign
  std::map<uint64_t, uint64_t> draws_;
};

// Random numbers for a program's own use (arrival times, payloads): the same on every machine and
// compiler. Value number i of a stream is a pure function of (seed, name, i); the test vectors are
// in tests/base/random_test.cc. Not for cryptography.
class RandomStream {
 public:
  RandomStream(uint64_t seed, std::string_view name);

  uint64_t Next();                               // 64 random bits
  uint64_t Below(uint64_t n);                    // in [0, n), without bias; 0 for n = 0
  int64_t Between(int64_t low, int64_t high);    // in [low, high]; low when high < low
  double Unit();                                 // in [0, 1), a multiple of 2^-53
  double Real(double low, double high);          // in [low, high)
  bool Chance(uint64_t times, uint64_t out_of);  // true `times` in `out_of`
  double Exponential();                      // mean 1; by von Neumann's comparisons, without libm
  uint64_t index() const { return index_; }  // values drawn so far

 private:
  uint64_t key_;
  uint64_t index_ = 0;
};

namespace internal {
// Value `index` of the stream `key`: two rounds of SplitMix64 finalisation over a Weyl sequence.
constexpr uint64_t CounterRandom(uint64_t key, uint64_t index) {
  uint64_t z = key + (index + 1) * 0x9E3779B97F4A7C15u;
  for (int round = 0; round < 2; ++round) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z = (z ^ (z >> 31)) + key;
  }
  return z;
}
}  // namespace internal

}  // namespace skybox

#endif  // SKYBOX_CHOICES_H_
