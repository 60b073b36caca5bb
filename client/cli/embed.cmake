# cmake -DIN=file -DOUT=file.inc -P embed.cmake: the bytes of a file as the initializers of an array.
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "${bytes}\n")
