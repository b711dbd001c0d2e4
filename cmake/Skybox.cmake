# How the parts of skybox are declared. All of them end up in the one library `skybox`; a test links
# the parts it needs and no more.

# How all our own code is compiled: library, tests, examples and benchmarks.
add_library(skybox_options INTERFACE)
target_compile_features(skybox_options INTERFACE cxx_std_20)
target_compile_options(
  skybox_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow
            # The same arithmetic everywhere: a fused multiply-add rounds once instead of twice.
            -ffp-contract=off
            $<$<BOOL:${SKYBOX_WERROR}>:-Werror>)

# What code inside the library sees: the public headers, lib/ and the third parties.
add_library(skybox_inside INTERFACE)
target_include_directories(skybox_inside INTERFACE ${PROJECT_SOURCE_DIR}/include
                                                   ${PROJECT_SOURCE_DIR}/lib)
target_include_directories(skybox_inside SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/generated)
target_link_libraries(
  skybox_inside INTERFACE skybox_options ${SKYBOX_PUBLIC_LIBRARIES} ${SKYBOX_PRIVATE_LIBRARIES}
                          nlohmann_json::nlohmann_json)

# skybox_part(kernel [SOURCES a.cc b.cc]): the folder's sources, by default all of them, become the
# object library skybox_kernel. A folder without sources is no part.
function(skybox_part name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS *.cc)
  endif()
  if(NOT arg_SOURCES)
    return()
  endif()
  add_library(skybox_${name} OBJECT ${arg_SOURCES})
  set_target_properties(skybox_${name} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(skybox_${name} PRIVATE skybox_inside)
  if(TARGET skybox_proto)
    add_dependencies(skybox_${name} skybox_proto)  # for its generated headers
  endif()
  set_property(GLOBAL APPEND PROPERTY SKYBOX_PARTS ${name})
endfunction()

# skybox_objects(variable): the objects of all parts.
function(skybox_objects variable)
  get_property(parts GLOBAL PROPERTY SKYBOX_PARTS)
  list(TRANSFORM parts REPLACE ".+" "$<TARGET_OBJECTS:skybox_\\0>")
  set(${variable} ${parts} PARENT_SCOPE)
endfunction()

# skybox_service(sqs [SOURCES service.cc state.cc] [USES ec2]): a service in its folder. USES names
# the services of which AWS documents this one as a customer: it may include their public headers
# (tests/lint/includes.py reads this call), and its tests link them too.
function(skybox_service name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  skybox_part(${name} SOURCES ${arg_SOURCES})
  set_property(GLOBAL PROPERTY SKYBOX_USES_${name} ${arg_USES})
endfunction()

# skybox_link_parts(target sqs ...): links these parts, what they use, and the floors below them. The
# part `cloud` is the whole library.
function(skybox_link_parts target)
  target_link_libraries(${target} PRIVATE skybox_inside)
  if("cloud" IN_LIST ARGN)
    target_link_libraries(${target} PRIVATE skybox)
    return()
  endif()
  get_property(known GLOBAL PROPERTY SKYBOX_PARTS)
  set(wanted proto base ${ARGN})
  if(NOT ARGN STREQUAL "base")
    list(APPEND wanted kernel)
  endif()
  foreach(part IN LISTS ARGN)
    get_property(uses GLOBAL PROPERTY SKYBOX_USES_${part})
    list(APPEND wanted ${uses})
  endforeach()
  list(REMOVE_DUPLICATES wanted)
  foreach(part IN LISTS wanted)
    if(part IN_LIST known)
      target_link_libraries(${target} PRIVATE skybox_${part})
    endif()
  endforeach()
endfunction()

# skybox_test(sqs [SOURCES a_test.cc] [LINKS sqs|kernel|cloud ...] [LABEL sqs]): one Catch2 executable
# sqs_test, which is one test of CTest. By default the folder sqs with all of its *_test.cc, linked to
# the part of that name. A folder without tests is no test.
function(skybox_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "SOURCES;LINKS")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS ${name}/*_test.cc)
  endif()
  if(NOT arg_SOURCES)
    return()
  endif()
  if(NOT arg_LINKS)
    set(arg_LINKS ${name})
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL ${name})
  endif()
  add_executable(${name}_test ${arg_SOURCES})
  set_target_properties(${name}_test PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name}_test PRIVATE skybox_catch_main)
  skybox_link_parts(${name}_test ${arg_LINKS})
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600)
endfunction()
