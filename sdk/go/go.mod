module latchkey.example/sdk/go

go 1.19
