# Each tests/*.c is one cmocka program. They may use private headers, so they link the objects.
# Each tests/*.sh is a test too: it is given the source and the build folder; 77 means skipped, for
# want of a tool. Under CI=true that is a failure, but for what needs PyTorch.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
set(LERAY_TESTS "*" CACHE STRING "pattern of the test programs to build")
# Threads that wait for each other must not spin: tests share the cores.
set(LERAY_TEST_ENVIRONMENT OMP_WAIT_POLICY=passive)
if(LERAY_SANITIZE)
  list(APPEND LERAY_TEST_ENVIRONMENT ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
    LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tools/leaks.supp:print_suppressions=0
    UBSAN_OPTIONS=print_stacktrace=1)
endif()

# The first build of .ci/run runs every test, the others those that can find something in them
# (ctest -L LABEL). Patterns of names; a test has a label if the one matches and the other does not.
#
#   source     looks at the source or at what is installed: the same in every build
#   slow       takes long, and longer with sanitizers, in code that other tests run too
#   sanitize   the others: `make sanitize` runs the slow ones as well
#   clang      other warnings, other code, another OpenMP: programs in C
#   portable   kernels without the vectors of this machine: what computes
set(LERAY_LABELS source slow sanitize clang portable)
set(LERAY_LABEL_source "^(layers|circles|format|(docs|install)_.*)$")
string(JOIN "|" LERAY_LABEL_slow "^cli_(commands|components|decks|refine|solve)$"
  "^online_(determinism|kill)$" "^operators_t1$" "^solvers_ns3d(_les|_ranks)?$"
  "^solvers_les_ranks$" "^training_ranks$")
set(LERAY_LABEL_sanitize ".*")
set(LERAY_LABEL_clang "^(core|data|tensor|operators|solvers|training|online|refine)_")
set(LERAY_LABEL_portable "^(tensor|operators|solvers)_")
set(LERAY_NO_LABEL_sanitize "${LERAY_LABEL_source}|${LERAY_LABEL_slow}|^(cli_pytorch|validation)$|_(h5py|numpy)$")
set(LERAY_NO_LABEL_clang "${LERAY_LABEL_slow}|_(h5py|numpy|ranks)$|^operators_models$") # long with its OpenMP
set(LERAY_NO_LABEL_portable "${LERAY_LABEL_slow}|_(ranks|shared)$")
# What a build with sanitizers cannot do.
set(LERAY_NOT_SANITIZED "^(install_example|docs_manual)$")

function(leray_add_test name)
  if(LERAY_SANITIZE AND name MATCHES "${LERAY_NOT_SANITIZED}")
    return()
  endif()
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 ENVIRONMENT "${LERAY_TEST_ENVIRONMENT}")
  if(NOT "$ENV{CI}" STREQUAL "true" OR name STREQUAL "cli_pytorch")
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77)
  endif()
  foreach(label ${LERAY_LABELS})
    if(name MATCHES "${LERAY_LABEL_${label}}" AND
        NOT (LERAY_NO_LABEL_${label} AND name MATCHES "${LERAY_NO_LABEL_${label}}"))
      set_property(TEST ${name} APPEND PROPERTY LABELS ${label})
      if(TARGET test_${name})
        add_dependencies(tests_${label} test_${name})
      endif()
      if(label STREQUAL "slow") # these begin first, so that the last to end is not alone
        set_tests_properties(${name} PROPERTIES COST 100)
      endif()
    endif()
  endforeach()
endfunction()
foreach(label ${LERAY_LABELS})
  add_custom_target(tests_${label}) # the programs of the tests with this label
endforeach()

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
leray_add_test(circles ${PROJECT_SOURCE_DIR}/tools/check_circles.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
leray_add_test(format ${PROJECT_SOURCE_DIR}/tools/check_format.sh)
file(GLOB scripts CONFIGURE_DEPENDS tests/*.sh)
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  leray_add_test(${name} ${script} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
endforeach()
