#ifndef SKYBOX_CLOUD_BODY_H_
#define SKYBOX_CLOUD_BODY_H_

#include "kernel/kernel.h"
#include "skybox/cloud.h"
#include "sqs/service.h"

namespace skybox {

// The only place that knows every service: what a Cloud is made of.
class Cloud::Body {
 public:
  // The options have been checked as far as that goes without the services.
  explicit Body(const CloudOptions& options) : kernel(options), sqs(kernel) {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  kernel::Kernel kernel;
  sqs::Service sqs;
};

// Numbers of the services' components, in the order of Body's members.
inline constexpr uint32_t kSqs = kernel::kFirstService;

}  // namespace skybox

#endif  // SKYBOX_CLOUD_BODY_H_
