"""What would be wrong for a reader, here and in an al-folio site."""
