# Every library that Leray links, as one target. Nothing is downloaded.
find_package(PkgConfig REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(Threads REQUIRED)
# oneDNN's own CMake package asks for OpenCL, which its CPU library does not need.
find_path(DNNL_INCLUDE_DIR dnnl.h REQUIRED)
find_library(DNNL_LIBRARY dnnl REQUIRED)
file(STRINGS ${DNNL_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h dnnl_version_lines
  REGEX "define DNNL_VERSION_(MAJOR|MINOR|PATCH)")
string(REGEX MATCHALL "[0-9]+" dnnl_VERSION "${dnnl_version_lines}")
list(JOIN dnnl_VERSION "." dnnl_VERSION)
find_package(MPI REQUIRED COMPONENTS C)
pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET fftw3)
pkg_check_modules(FFTWF REQUIRED IMPORTED_TARGET fftw3f)
pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5-openmpi)
pkg_check_modules(BLAS REQUIRED IMPORTED_TARGET openblas)
# No imported target: the package's flags define _FORTIFY_SOURCE, which fails without optimisation.
pkg_check_modules(PETSC REQUIRED petsc)

add_library(leray_dependencies INTERFACE)
target_include_directories(leray_dependencies SYSTEM INTERFACE ${PETSC_INCLUDE_DIRS})
target_link_libraries(leray_dependencies INTERFACE
  OpenMP::OpenMP_C Threads::Threads ${DNNL_LIBRARY} MPI::MPI_C PkgConfig::FFTW PkgConfig::FFTWF
  PkgConfig::FYAML PkgConfig::JANSSON PkgConfig::ZMQ PkgConfig::XXHASH PkgConfig::HDF5 PkgConfig::BLAS
  ${PETSC_LINK_LIBRARIES} m)
