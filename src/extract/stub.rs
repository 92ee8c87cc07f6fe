//! stub
use super::*;
use crate::{workbook::Workbook, schema::Schemas, finding::Findings};
/// fold
pub fn fold(t:&str)->String{t.trim().to_lowercase()}
impl Return {
    /// stub
    pub fn extract(_w:&Workbook,_c:&Context,_s:&Schemas,_f:&mut Findings)->Self{Self::default()}
}
