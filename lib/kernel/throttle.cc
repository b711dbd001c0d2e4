#include "kernel/throttle.h"

#include <algorithm>
#include <utility>

namespace skybox::kernel {

namespace {
constexpr int64_t kPartsPerToken = 1'000'000'000;
}  // namespace

TokenBucket TokenBucket::Full(int64_t now, const RateLimit& limit) {
  return {.parts = limit.burst * kPartsPerToken, .updated = now};
}

bool TokenBucket::Take(int64_t now, const RateLimit& limit, int64_t tokens) {
  const int64_t full = limit.burst * kPartsPerToken;
  const int64_t missing = full - parts;
  // Compared as a quotient: the product of a long time and a high rate would overflow.
  const int64_t elapsed = now - updated;
  parts = elapsed > missing / limit.per_second ? full : parts + elapsed * limit.per_second;
  updated = now;
  if (parts < tokens * kPartsPerToken) return false;
  parts -= tokens * kPartsPerToken;
  return true;
}

bool Throttle::Admit(uint32_t operation, const std::string& account, const std::string& region,
                     int64_t now) {
  const auto limit = limits_.find(operation);
  if (limit == limits_.end()) return true;
  const auto [bucket, is_new] =
      buckets_.try_emplace(Key(operation, account, region), TokenBucket::Full(now, limit->second));
  return bucket->second.Take(now, limit->second);
}

void Throttle::AddTo(Hasher& hasher) const {
  for (const auto& [key, bucket] : buckets_) {
    hasher.Add(uint64_t{std::get<0>(key)});
    hasher.Add(std::get<1>(key));
    hasher.Add(std::get<2>(key));
    hasher.Add(bucket.parts);
    hasher.Add(bucket.updated);
  }
}

}  // namespace skybox::kernel
