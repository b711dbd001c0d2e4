#ifndef SKYBOX_EXAMPLES_ORDERS_PROGRAM_H_
#define SKYBOX_EXAMPLES_ORDERS_PROGRAM_H_

#include <cstdio>
#include <string>
#include <vector>

namespace orders {

// The whole program, with its arguments (without its name) and its two outputs. Answers the exit
// code: 0; 1 when the run failed or an order is not accounted for; 2 for wrong arguments and input.
int RunProgram(const std::vector<std::string>& arguments, std::FILE* out, std::FILE* err);

}  // namespace orders

#endif  // SKYBOX_EXAMPLES_ORDERS_PROGRAM_H_
