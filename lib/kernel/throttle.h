#ifndef SKYBOX_KERNEL_THROTTLE_H_
#define SKYBOX_KERNEL_THROTTLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/digest.h"
#include "skybox/options.h"

namespace skybox::kernel {

// A token bucket in whole numbers: a token is a billion parts, so that a rate of n a second adds n
// parts a nanosecond.
struct TokenBucket {
  int64_t parts = 0;
  int64_t updated = 0;  // ticks

  // Takes `tokens` if there are as many. The bucket was full when `updated` is the time of its
  // making.
  bool Take(int64_t now, const RateLimit& limit, int64_t tokens = 1);
  static TokenBucket Full(int64_t now, const RateLimit& limit);
};

// The buckets of the front door: one for each operation with a rate limit, account and region.
class Throttle {
 public:
  // By operation number; absent: not limited.
  void SetLimit(uint32_t operation, const RateLimit& limit) { limits_[operation] = limit; }
  bool empty() const { return limits_.empty(); }
  // Null: not limited.
  const RateLimit* LimitOf(uint32_t operation) const {
    const auto found = limits_.find(operation);
    return found == limits_.end() ? nullptr : &found->second;
  }

  // Whether the call may go on; takes its token if so.
  bool Admit(uint32_t operation, const std::string& account, const std::string& region,
             int64_t now);

  void AddTo(Hasher& hasher) const;

  using Key = std::tuple<uint32_t, std::string, std::string>;
  const std::map<Key, TokenBucket>& buckets() const { return buckets_; }
  void SetBucket(Key key, const TokenBucket& bucket) { buckets_[std::move(key)] = bucket; }

 private:
  std::map<uint32_t, RateLimit> limits_;
  std::map<Key, TokenBucket> buckets_;
};

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_THROTTLE_H_
