# Each tests/*.c is one cmocka program. They may use private headers, so they link the objects.
# Each tests/*.sh is a test too: it is given the source and the build folder; 77 means skipped.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
set(LERAY_TESTS "*" CACHE STRING "pattern of the test programs to build")
# Threads that wait for each other must not spin: tests share the cores.
set(LERAY_TEST_ENVIRONMENT OMP_WAIT_POLICY=passive)
if(LERAY_SANITIZE)
  list(APPEND LERAY_TEST_ENVIRONMENT ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
    LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tools/leaks.supp:print_suppressions=0
    UBSAN_OPTIONS=print_stacktrace=1)
endif()

function(leray_add_test name)
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77
    ENVIRONMENT "${LERAY_TEST_ENVIRONMENT}")
endfunction()

file(GLOB tests CONFIGURE_DEPENDS tests/${LERAY_TESTS}.c)
foreach(source ${tests})
  get_filename_component(name ${source} NAME_WE)
  add_executable(test_${name} ${source})
  target_compile_options(test_${name} PRIVATE ${LERAY_WARNINGS})
  target_compile_definitions(test_${name} PRIVATE LERAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    LERAY_COMMAND="${PROJECT_BINARY_DIR}/leray")
  target_include_directories(test_${name} PRIVATE tests)
  target_link_libraries(test_${name} PRIVATE leray_objects PkgConfig::CMOCKA)
  leray_add_test(${name} test_${name})
endforeach()
leray_add_test(layers ${PROJECT_SOURCE_DIR}/tools/check_layers.sh)
leray_add_test(format ${PROJECT_SOURCE_DIR}/tools/check_format.sh)
file(GLOB scripts CONFIGURE_DEPENDS tests/*.sh)
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  leray_add_test(${name} ${script} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
endforeach()
