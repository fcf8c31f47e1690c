# Installs headers, both libraries, the CMake package, the pkg-config file and the decks; the
# command and the manual are installed where they are made. Nothing installed names the source or the build tree.
set(LERAY_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/leray)
set(LERAY_SHARE_DIR ${CMAKE_INSTALL_DATADIR}/leray)

install(DIRECTORY include/leray ${PROJECT_BINARY_DIR}/generated/public/leray
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(DIRECTORY configs DESTINATION ${LERAY_SHARE_DIR} FILES_MATCHING PATTERN *.yaml)
install(FILES LICENSE CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The shared library is linked with what it needs; the static one tells its users. Two export
# sets, so that the users of the shared library never look for the dependencies.
set_target_properties(leray_static PROPERTIES EXPORT_NAME static)
install(TARGETS leray EXPORT leray-targets)
install(TARGETS leray_static EXPORT leray-static-targets)
foreach(set leray-targets leray-static-targets)
  install(EXPORT ${set} NAMESPACE leray:: DESTINATION ${LERAY_PACKAGE_DIR})
endforeach()
install(FILES cmake/dependencies.cmake DESTINATION ${LERAY_PACKAGE_DIR}
  RENAME leray-dependencies.cmake)

configure_package_config_file(cmake/leray-config.cmake.in
  ${PROJECT_BINARY_DIR}/generated/leray-config.cmake INSTALL_DESTINATION ${LERAY_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/leray-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/leray-config.cmake
  ${PROJECT_BINARY_DIR}/generated/leray-config-version.cmake DESTINATION ${LERAY_PACKAGE_DIR})

# pkg-config: paths relative to the .pc file, so that the prefix can be moved.
string(REGEX REPLACE "[^/]+" ".." LERAY_PC_TO_PREFIX ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(LERAY_PC_LIBS_PRIVATE "")
foreach(package FFTW FFTWF FYAML JANSSON ZMQ XXHASH HDF5 BLAS PETSC)
  list(APPEND LERAY_PC_LIBS_PRIVATE ${${package}_LDFLAGS})
endforeach()
list(REMOVE_DUPLICATES LERAY_PC_LIBS_PRIVATE)
list(APPEND LERAY_PC_LIBS_PRIVATE ${DNNL_LIBRARY} ${MPI_C_LIBRARIES} ${OpenMP_C_FLAGS} -lpthread -lm)
list(JOIN LERAY_PC_LIBS_PRIVATE " " LERAY_PC_LIBS_PRIVATE)
configure_file(cmake/leray.pc.in ${PROJECT_BINARY_DIR}/generated/leray.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/generated/leray.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
