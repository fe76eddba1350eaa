using MemoryMesh.Benchmarks;

return args switch
{
    ["ingest", ..] => await IngestBenchmark.RunAsync(Options.Parse(args)),
    ["embed", ..] => await EmbedBenchmark.RunAsync(args),
    ["vectors", ..] => await VectorBenchmark.RunAsync(args),
    ["embedded", ..] => await EmbeddedIngestBenchmark.RunAsync(Options.Parse(args)),
    ["locomo", ..] => await LocomoBenchmark.RunAsync(args),
    ["search", ..] => await SearchBenchmark.RunAsync(Options.Parse(args)),
    ["transfer", ..] => await TransferBenchmark.RunAsync(Options.Parse(args)),
    ["extraction", ..] => await ExtractionBenchmark.RunAsync(args),
    ["statements", ..] => StatementTraining.Run(args),
    ["changes", ..] => ChangeTraining.Run(args),
    ["orders", ..] => OrderTraining.Run(args),
    ["startup", ..] => await StartupBenchmark.RunAsync(Options.Parse(args)),
    ["analytics", ..] => await AnalyticsBenchmark.RunAsync(Options.Parse(args)),
    ["versus-mem0", ..] => await VersusMem0Benchmark.RunAsync(args),
    ["context", ..] => await ContextBenchmark.RunAsync(Options.Parse(args)),
    ["events", ..] => await EventsBenchmark.RunAsync(Options.Parse(args)),
    ["scale", ..] => await ScaleBenchmark.RunAsync(Options.Parse(args)),
    ["sizing", ..] => await SizingBenchmark.RunAsync(Options.Parse(args)),
    ["live", ..] => await LiveBenchmark.RunAsync(Options.Parse(args)),
    [BareApi.Command, var address] => await BareApi.RunAsync(address),
    _ => Options.Usage(),
};
