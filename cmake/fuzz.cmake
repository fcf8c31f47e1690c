# libFuzzer targets: tests/fuzz/NAME.c is fuzz_NAME. Everything is compiled with the sanitizers;
# `fuzz_NAME -max_total_time=30 CORPUS` runs one.
if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "LERAY_FUZZ needs clang: configure with -DCMAKE_C_COMPILER=clang")
endif()
set(LERAY_FUZZ_SANITIZERS -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
target_compile_options(leray_objects PRIVATE -fsanitize=fuzzer-no-link,address,undefined
  ${LERAY_FUZZ_SANITIZERS})
file(GLOB fuzzers CONFIGURE_DEPENDS tests/fuzz/*.c)
foreach(source ${fuzzers})
  get_filename_component(name ${source} NAME_WE)
  add_executable(fuzz_${name} ${source})
  target_compile_options(fuzz_${name} PRIVATE ${LERAY_WARNINGS} -fsanitize=fuzzer,address,undefined
    ${LERAY_FUZZ_SANITIZERS})
  target_link_libraries(fuzz_${name} PRIVATE leray_objects)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer,address,undefined)
endforeach()
# The libraries and the command share the instrumented objects, so they need the run-time too;
# fuzzer-no-link leaves main to them.
foreach(target leray leray_command)
  if(TARGET ${target})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer-no-link,address,undefined)
  endif()
endforeach()
