module example.com/memorymesh

go 1.19
