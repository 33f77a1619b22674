"""Files become mapped rows; runs, progress and error workbooks."""
