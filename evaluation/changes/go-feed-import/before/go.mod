module example.org/pantry

go 1.21
