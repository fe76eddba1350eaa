using System.Diagnostics.Metrics;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Memory.Llm;

/// <summary>Instruments of the language model. The exporter bounds how many tenants they tell apart.</summary>
internal static class LlmTelemetry
{
    private const string Tenant = "tenant";
    private const string Purpose = "purpose";

    private static readonly Counter<long> Calls =
        Telemetry.Meter.CreateCounter<long>("memorymesh.llm.calls", "{call}", "Questions to the language model, by purpose, tenant and outcome");

    private static readonly Counter<long> Tokens =
        Telemetry.Meter.CreateCounter<long>("memorymesh.llm.tokens", "{token}", "Tokens of questions and answers, by purpose, tenant and direction");

    private static readonly Counter<double> Cost =
        Telemetry.Meter.CreateCounter<double>("memorymesh.llm.cost", null, "What the language model cost by the configured prices, by purpose and tenant");

    public static void Count(LlmQuestion question, LlmAnswer answer)
    {
        var tenant = new KeyValuePair<string, object?>(Tenant, question.TenantId.ToString("D"));
        var purpose = new KeyValuePair<string, object?>(Purpose, question.Purpose);
        Calls.Add(1, tenant, purpose, new KeyValuePair<string, object?>("outcome", answer.Failure ?? "ok"));
        Tokens.Add(answer.InputTokens, tenant, purpose, new KeyValuePair<string, object?>("direction", "input"));
        Tokens.Add(answer.OutputTokens, tenant, purpose, new KeyValuePair<string, object?>("direction", "output"));
        Cost.Add(answer.Cost, tenant, purpose);
    }
}
