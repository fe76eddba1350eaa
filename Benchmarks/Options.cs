using System.Globalization;

namespace MemoryMesh.Benchmarks;

/// <summary>What a benchmark takes from the command line.</summary>
/// <param name="Messages">Messages that are stored before searching, or in each round of ingesting.</param>
/// <param name="Rounds">Rounds, product and baseline in turn; medians are reported.</param>
/// <param name="Clients">Connections that send at the same time.</param>
/// <param name="EmbeddersAlone">Whether <c>scale</c> measures embedders and nothing else.</param>
/// <param name="ReplicasAlone">Whether <c>scale</c> measures searchers and readers and nothing else.</param>
internal sealed record Options(int Messages, int Rounds, int Clients, bool EmbeddersAlone, bool ReplicasAlone)
{
    public static Options Parse(string[] args) => new(
        Number(args, "--messages", args[0] switch { "search" => 100_000, "embedded" => 2_000, "analytics" => 1_000_000, "context" => 10_000, "sizing" => 3_000, "scale" => 2_000, "events" => 10_000, _ => 5_000 }),
        Number(args, "--rounds", 5),
        Number(args, "--clients", 16),
        args.Contains("--embedders"),
        args.Contains("--replicas"));

    public static int Usage()
    {
        Console.Error.WriteLine(
            """
            Usage: dotnet run -c Release --project Benchmarks -- ingest|search|startup|embed|embedded|live|context|analytics|transfer|events|scale|sizing [--messages N] [--rounds N] [--clients N]
                   dotnet run -c Release --project Benchmarks -- vectors [--items N] [--rounds N] [--locomo FILE]
                   dotnet run -c Release --project Benchmarks -- extraction FILE [--run OUT]
                   dotnet run -c Release --project Benchmarks -- statements train Tests/Unit/Extraction/cases.jsonl Benchmarks/Statements Services/Memory/Module/Extraction/statement-weights.bin
                   dotnet run -c Release --project Benchmarks -- changes train Tests/Unit/Extraction/cases.jsonl Benchmarks/Changes Benchmarks/Statements Services/Memory/Module/Extraction/over-weights.bin Services/Memory/Module/Extraction/forget-weights.bin
                   dotnet run -c Release --project Benchmarks -- orders train Benchmarks/Orders Tests/Unit/Extraction Services/Memory/Module/Processing/Orders/order-weights.bin [FILE]...
                   dotnet run -c Release --project Benchmarks -- locomo FILE [--run OUT] [--in-process [--keep FOLDER] [--ablation] [--set WEIGHT=VALUE]...]
                   dotnet run -c Release --project Benchmarks -- versus-mem0 --mem0 FOLDER [--sizes 2000,5000,10000]

            extraction  which facts are learned from cases of a file, and messages read a second; OUT takes the memories of each case
            statements  learns the weights by which a sentence that no rule reads is kept, and measures them by sets that were left out
            changes  learns the weights by which a message ends what was told before, and measures them by writers who were left out; after "statements", whose weights it reads by
            orders   learns the weights that smuggled orders are told by, and measures them by forms that were left out, and by FILEs of {"text", "order"}
            ingest   acknowledged messages a second over HTTP, against a raw SQLite insert with a full-text row, same durability
            search   time of a search over HTTP, against embedding the question, scanning the vectors and the bare full-text query; and memory
            locomo   how well messages that answer a question are found; FILE holds conversations in LoCoMo's format, OUT takes the ranked answers
            live     memory of live connections, and the time until they are told of a message
            versus-mem0  memories stored and searched, against mem0ai of npm with the same embedding endpoint; FOLDER holds its node_modules
            transfer time and memory of importing and exporting large files: N messages of 30 KB
            context  time of a context and of a profile over HTTP, for a subject with N memories
            analytics  time of answers of analytics over HTTP, for a tenant with a million messages
            events   events from their commit to their consumer over RabbitMQ, against MassTransit without an outbox: lag and throughput
            scale    messages a second and lag of events with 1, 2 and 3 Gateways, with 1, 2 and 3 cells, and with 0 to 3 embedders (--embedders: these alone); what a second Search and Memory do;
                     searches and contexts a second with 0 to 3 searchers and readers (--replicas: these alone)
            sizing   processor time, memory and disk of each process for N messages, between processes
            startup  process start to ready, against a minimal API with one route
            embedded messages a second over HTTP until their vectors are there, against the embedder alone with the same texts
            vectors  scan, loading and memory of the vector index against plain reading; with FILE how well rounded vectors rank
            embed    time to embed one text and a batch; --onnx "node Benchmarks/embed-baseline.mjs FOLDER MODEL.onnx" puts onnxruntime beside it
            """);
        return 2;
    }

    private static int Number(string[] args, string name, int fallback)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? fallback : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
    }
}
