//! The workbook to send out for a kind of agency and a year, made from the schemas.
