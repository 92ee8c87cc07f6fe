//! The records as a Parquet file: the same rows, columns and texts as in the csv, with their types. The only file that names
//! the crate.

use std::io;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::package::{TABLE_SCHEMA, table_schema};
use super::table::{COLUMNS, Column, Content};
use crate::record::Record;

/// So many records are laid out at once.
const GROUP: usize = 100_000;

/// The records as the bytes of a Parquet file. The same records give the same bytes.
///
/// Numbers are doubles: a record has twelve significant digits at the most and a double keeps fifteen, while a decimal type would
/// force the same number of places upon counts and rates. What is absent is null. What the columns mean stands in the file's
/// metadata as `table_schema`.
pub(super) fn records_parquet(records: &[Record]) -> io::Result<Vec<u8>> {
    let schema = parse_message_type(&message())?;
    let about = |key: &str, value: String| KeyValue { key: key.to_owned(), value: Some(value) };
    let format = table_schema()["format"].as_str().unwrap_or_default().to_owned();
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("{} version {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(vec![about("format", format), about("table_schema", TABLE_SCHEMA.to_owned())]))
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    for records in records.chunks(GROUP) {
        let mut group = writer.next_row_group()?;
        for column in &COLUMNS {
            let Some(mut to) = group.next_column()? else {
                return Err(io::Error::other("fewer columns are written than there are"));
            };
            write(&mut to, column, records)?;
            to.close()?;
        }
        group.close()?;
    }
    Ok(writer.into_inner()?)
}

/// The columns in the notation of Parquet.
fn message() -> String {
    let columns = COLUMNS.iter().map(|column| match column.content {
        Content::Text => format!("required binary {} (STRING);", column.name),
        Content::Words => format!("optional binary {} (STRING);", column.name),
        Content::Number => format!("optional double {};", column.name),
    });
    format!("message records {{ {} }}", columns.collect::<Vec<_>>().join(" "))
}

fn write(to: &mut SerializedColumnWriter<'_>, column: &Column, records: &[Record]) -> io::Result<()> {
    let texts: Vec<_> = records.iter().map(|record| column.of(record)).collect();
    let bytes = |text: &str| ByteArray::from(text.as_bytes().to_vec());
    // 1 where there is a value, 0 where there is none.
    let there: Vec<i16> = texts.iter().map(|text| i16::from(!text.is_empty())).collect();
    let some = texts.iter().filter(|text| !text.is_empty());
    match column.content {
        Content::Text => {
            let all: Vec<ByteArray> = texts.iter().map(|text| bytes(text)).collect();
            to.typed::<ByteArrayType>().write_batch(&all, None, None)?;
        }
        Content::Words => {
            let some: Vec<ByteArray> = some.map(|text| bytes(text)).collect();
            to.typed::<ByteArrayType>().write_batch(&some, Some(&there), None)?;
        }
        Content::Number => {
            let numbers: Result<Vec<f64>, _> = some.map(|text| text.parse::<f64>()).collect();
            to.typed::<DoubleType>().write_batch(&numbers.map_err(io::Error::other)?, Some(&there), None)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::Field;

    use super::super::table::records_csv;
    use super::super::table::tests::record;
    use super::*;

    fn rows() -> Vec<Record> {
        let plain =
            Record { table: "by_category".into(), breakdown: "abuse=NEG".into(), note: String::new(), ..record() };
        let marked = Record { value: String::new(), marker: "c".into(), numerator: "3".into(), ..record() };
        let numbers = ["0", "-2.5", "123456789012", "0.333333333333", "14.6", "0.000000000123"];
        let numbers = numbers.map(|value| Record { value: value.into(), denominator: "0.1".into(), ..plain.clone() });
        [record(), plain, marked].into_iter().chain(numbers).collect()
    }

    /// A column of a row as the csv would have it.
    fn as_text(field: &Field) -> String {
        match field {
            Field::Null => String::new(),
            Field::Str(text) => text.clone(),
            Field::Double(n) => crate::record::decimal(*n),
            other => panic!("no column is of this type: {other}"),
        }
    }

    #[test]
    fn it_reads_back_as_the_csv_does() {
        let records = rows();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&records_parquet(&records).unwrap()).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let back: Vec<Vec<String>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().get_column_iter().map(|(_, f)| as_text(f)).collect())
            .collect();
        let mut csv = csv::Reader::from_reader(records_csv(&records).into_bytes().leak() as &[u8]);
        let told: Vec<Vec<String>> =
            csv.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(back, told);
        assert_eq!(back.len(), records.len());
        let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
        let schema = metadata.iter().find(|kv| kv.key == "table_schema").unwrap();
        assert_eq!(schema.value.as_deref(), Some(TABLE_SCHEMA));
    }

    #[test]
    fn the_same_records_give_the_same_bytes_and_none_give_a_file_too() {
        assert_eq!(records_parquet(&rows()).unwrap(), records_parquet(&rows()).unwrap());
        assert_ne!(records_parquet(&rows()).unwrap(), records_parquet(&rows()[1..]).unwrap());
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&records_parquet(&[]).unwrap()).unwrap();
        assert_eq!(SerializedFileReader::new(file).unwrap().metadata().file_metadata().num_rows(), 0);
    }

    #[test]
    fn a_number_that_is_none_is_an_error_and_not_a_null() {
        let wrong = Record { value: "12,5".into(), ..record() };
        assert!(records_parquet(&[wrong]).is_err());
    }
}
