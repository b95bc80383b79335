package stranger // planted: it has no row
