//! Every row, on documents like those that programs write.
