# Writes core/build.h into the build tree: at configure time, and again whenever HEAD moves.
set(LERAY_GIT_DESCRIBE "unknown")
find_package(Git QUIET)
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --tags
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE described
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(LERAY_GIT_DESCRIBE ${described})
  endif()
  if(EXISTS ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
      ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
  endif()
endif()
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
string(STRIP "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${build_type}} ${LERAY_TUNING}" LERAY_FLAGS_TEXT)
set(LERAY_LIBRARIES_TEXT "fftw ${FFTW_VERSION}, dnnl ${dnnl_VERSION}, openblas ${BLAS_VERSION}, \
hdf5 ${HDF5_VERSION}, zmq ${ZMQ_VERSION}, libfyaml ${FYAML_VERSION}, jansson ${JANSSON_VERSION}, \
mpi ${MPI_C_VERSION}, xxhash ${XXHASH_VERSION}")
configure_file(${PROJECT_SOURCE_DIR}/cmake/build.h.in ${PROJECT_BINARY_DIR}/generated/core/build.h)
