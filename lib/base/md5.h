#ifndef SKYBOX_BASE_MD5_H_
#define SKYBOX_BASE_MD5_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace skybox::kernel {

// The MD5 of any bytes. As AWS uses it: to tell whether a body arrived whole, not to keep secrets.
std::array<uint8_t, 16> Md5Digest(std::string_view bytes);

// The same as 32 lower-case hexadecimal digits.
std::string Md5Hex(std::string_view bytes);

}  // namespace skybox::kernel

#endif  // SKYBOX_BASE_MD5_H_
