#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/print.h"
#include "base/text_rules.h"
#include "skybox/choices.h"
#include "skybox/sqs_types.h"

namespace skybox::sqs {
namespace {

// ---- Receipt handles
//
// 36 bytes in base 64, numbers with the highest byte first: four bytes that make the text begin
// with "AQEBA" (the real ones begin with "AQEB"), queue (4), row (4), message (8), receive (8), and
// a hash of all that (8), which random text does not have.

constexpr size_t kHandleBytes = 36;
constexpr size_t kHandleHashAt = kHandleBytes - 8;
constexpr size_t kHandleLength = 48;
constexpr std::string_view kHandleStart("\x01\x01\x01\x01", 4);

void PutNumber(uint64_t value, size_t bytes, char* to) {
  for (size_t i = 0; i < bytes; ++i) to[i] = static_cast<char>(value >> 8 * (bytes - 1 - i) & 0xFF);
}

uint64_t TakeNumber(size_t bytes, const char* from) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
  return value;
}

// ---- Sequence numbers

// The first one that AWS gives out, 18849496460467696128, as 2^64 and a rest.
constexpr uint64_t kSequenceRest = 402'752'386'758'144'512;
constexpr uint64_t kSequenceStep = 256;

template <typename T, typename Format>
std::optional<std::string> Written(const std::optional<T>& value, Format format) {
  if (!value.has_value()) return std::nullopt;
  return format(*value);
}

}  // namespace

MessageId::MessageId(std::string_view text) {
  if (const std::optional<kernel::Uuid> uuid = kernel::ParseUuid(text)) {
    high_ = uuid->high;
    low_ = uuid->low;
  }
}

std::string MessageId::str() const {
  return empty() ? std::string() : kernel::FormatUuid(high_, low_);
}

ReceiptHandle::ReceiptHandle(std::string_view text) {
  if (text.size() == kHandleLength) {
    const std::optional<std::string> bytes = kernel::Base64Decode(text);
    if (bytes.has_value() && bytes->starts_with(kHandleStart) && bytes->size() == kHandleBytes) {
      const char* from = bytes->data();
      const std::string_view hashed(from, kHandleHashAt);
      const uint64_t queue = TakeNumber(4, from + 4);
      const uint64_t message = TakeNumber(8, from + 12);
      const uint64_t receive = TakeNumber(8, from + 20);
      if (HashOfName(hashed) == TakeNumber(8, from + kHandleHashAt) && queue != 0 && message != 0 &&
          receive != 0) {
        queue_ = static_cast<uint32_t>(queue);
        row_ = static_cast<uint32_t>(TakeNumber(4, from + 8));
        message_ = message;
        receive_ = receive;
        return;
      }
    }
  }
  foreign_ = text;
}

std::string ReceiptHandle::str() const {
  if (!valid()) return foreign_.str();
  std::array<char, kHandleBytes> bytes = {};
  kHandleStart.copy(bytes.data(), kHandleStart.size());
  PutNumber(queue_, 4, &bytes[4]);
  PutNumber(row_, 4, &bytes[8]);
  PutNumber(message_, 8, &bytes[12]);
  PutNumber(receive_, 8, &bytes[20]);
  PutNumber(HashOfName(std::string_view(bytes.data(), kHandleHashAt)), 8, &bytes[kHandleHashAt]);
  return kernel::Base64Encode(std::string_view(bytes.data(), bytes.size()));
}

std::string SequenceNumber::str() const {
  __extension__ using Wide = unsigned __int128;
  Wide value = (Wide{1} << 64) + kSequenceRest + Wide{kSequenceStep} * place_;
  std::string digits;
  for (; value != 0; value /= 10) digits += static_cast<char>('0' + static_cast<int>(value % 10));
  return std::string(digits.rbegin(), digits.rend());
}

std::string RedrivePolicy::str() const {
  kernel::JsonWriter json;
  json.BeginObject();
  json.Key("deadLetterTargetArn");
  json.String(dead_letter_target_arn);
  json.Key("maxReceiveCount");
  json.Integer(max_receive_count);
  json.EndObject();
  return json.Take();
}

std::string RedriveAllowPolicy::str() const {
  kernel::JsonWriter json;
  json.BeginObject();
  json.Key("redrivePermission");
  json.String(redrive_permission);
  if (!source_queue_arns.empty()) {
    json.Key("sourceQueueArns");
    json.BeginArray();
    for (const std::string& arn : source_queue_arns) json.String(arn);
    json.EndArray();
  }
  json.EndObject();
  return json.Take();
}

std::optional<std::string> MessageSystemAttributes::Find(std::string_view name) const {
  const auto text = [](const Text& value) { return value.str(); };
  const auto time = [](absl::Time value) { return std::to_string(absl::ToUnixMillis(value)); };
  if (name == "SenderId") return Written(sender_id, text);
  if (name == "SentTimestamp") return Written(sent_timestamp, time);
  if (name == "ApproximateReceiveCount") {
    return Written(approximate_receive_count, [](int32_t value) { return std::to_string(value); });
  }
  if (name == "ApproximateFirstReceiveTimestamp") {
    return Written(approximate_first_receive_timestamp, time);
  }
  if (name == "SequenceNumber") {
    return Written(sequence_number, [](SequenceNumber value) { return value.str(); });
  }
  if (name == "MessageDeduplicationId") return Written(message_deduplication_id, text);
  if (name == "MessageGroupId") return Written(message_group_id, text);
  if (name == "AWSTraceHeader") return Written(aws_trace_header, text);
  if (name == "DeadLetterQueueSourceArn") return Written(dead_letter_queue_source_arn, text);
  return std::nullopt;
}

}  // namespace skybox::sqs
