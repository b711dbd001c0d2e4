#ifndef SKYBOX_EXAMPLES_ORDERS_ORDER_H_
#define SKYBOX_EXAMPLES_ORDERS_ORDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

// What is in a message, and how much trouble it makes. Trouble is a pure function of the order's
// id: the same orders fail in every run, whatever the seed.
namespace orders {

struct Order {
  uint64_t id = 0;        // of all orders, from 0
  uint64_t customer = 0;  // kBusinessCustomer's orders go through the FIFO queue
  uint64_t sequence = 0;  // of the business customer's orders, from 1; 0 for others

  // As it travels: "order=17 customer=4711 sequence=0".
  std::string Body() const;
  static std::optional<Order> Parse(std::string_view body);

  bool operator==(const Order&) const = default;
};

inline constexpr uint64_t kBusinessCustomer = 1;

struct Trouble {
  int32_t failures = 0;  // of how many receives the first ones fail
  int32_t repairs = 0;   // it fails until somebody has repaired things so many times
};
Trouble TroubleOf(const Order& order);

// How long a worker is busy with it, the given receive: whole milliseconds.
absl::Duration WorkOf(const Order& order, int32_t receive_count);
inline constexpr absl::Duration kMeanWork = absl::Milliseconds(1500);  // of a standard order

}  // namespace orders

#endif  // SKYBOX_EXAMPLES_ORDERS_ORDER_H_
