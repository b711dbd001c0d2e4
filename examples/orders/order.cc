#include "orders/order.h"

#include <charconv>
#include <system_error>

#include "fmt/format.h"
#include "skybox/choices.h"

namespace orders {

namespace {

// Takes "<name>=<number>" off the front of the text, and the blank that follows.
std::optional<uint64_t> TakeNumber(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  if (!text.starts_with('=')) return std::nullopt;
  text.remove_prefix(1);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return value;
}

}  // namespace

std::string Order::Body() const {
  return fmt::format("order={} customer={} sequence={}", id, customer, sequence);
}

std::optional<Order> Order::Parse(std::string_view body) {
  const std::optional<uint64_t> id = TakeNumber(body, "order");
  const std::optional<uint64_t> customer = TakeNumber(body, "customer");
  const std::optional<uint64_t> sequence = TakeNumber(body, "sequence");
  if (!id || !customer || !sequence || !body.empty()) return std::nullopt;
  return Order{.id = *id, .customer = *customer, .sequence = *sequence};
}

Trouble TroubleOf(const Order& order) {
  skybox::RandomStream luck(order.id, "orders.trouble");
  const uint64_t draw = luck.Below(1000);
  if (order.customer == kBusinessCustomer) return {.failures = draw < 20 ? 1 : 0};
  if (draw < 20) return {.failures = 1};
  if (draw < 26) return {.failures = 2};
  if (draw < 30) return {.repairs = 1};
  if (draw < 31) return {.repairs = 2};
  return {};
}

absl::Duration WorkOf(const Order& order, int32_t receive_count) {
  if (order.customer == kBusinessCustomer) return absl::Milliseconds(200);
  skybox::RandomStream work(order.id, "orders.work");
  for (int32_t i = 1; i < receive_count; ++i) work.Next();
  return absl::Milliseconds(work.Between(500, 2500));
}

}  // namespace orders
