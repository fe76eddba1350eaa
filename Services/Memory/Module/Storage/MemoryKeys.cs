using System.Text;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Memory.Storage;

/// <summary>Keyed hashes of what clients and people wrote, by which rows are found without being opened.</summary>
internal sealed class MemoryKeys(KeyedNames names)
{
    /// <summary>Hash of a memory's folded text, agent and run, as hex; equal texts of two owners have different ones.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="ownerKey">The owner.</param>
    /// <param name="agentId">The agent it is narrowed to.</param>
    /// <param name="runId">The run it is narrowed to.</param>
    /// <param name="text">The text.</param>
    /// <param name="standsAlone">Set to the memory's id where no other memory may be equal to it.</param>
    public string TextKey(Guid tenantId, Guid ownerKey, string? agentId, string? runId, string text, Guid? standsAlone = null)
    {
        var narrowing = Narrowing(agentId, runId);
        return Convert.ToHexString(names.Fingerprint(
        [
            .. "memory text "u8,
            .. tenantId.ToByteArray(bigEndian: true),
            .. ownerKey.ToByteArray(bigEndian: true),
            .. Encoding.UTF8.GetBytes($"{narrowing.Length}:{narrowing}{standsAlone?.ToString("N")}{MemoryText.Fold(text)}"),
        ]));
    }

    /// <summary>Hash of an attribute of an owner: memories of one attribute have the same.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="ownerKey">The owner.</param>
    /// <param name="narrowing">Of <see cref="Narrowing"/>.</param>
    /// <param name="slot">The attribute; null has no hash.</param>
    public byte[]? SlotKey(Guid tenantId, Guid ownerKey, string narrowing, string? slot)
        => slot is null ? null : names.Fingerprint(
        [
            .. "memory slot "u8,
            .. tenantId.ToByteArray(bigEndian: true),
            .. ownerKey.ToByteArray(bigEndian: true),
            .. Encoding.UTF8.GetBytes($"{narrowing.Length}:{narrowing}{slot}"),
        ]);

    public Guid? AgentKey(Guid tenantId, string? agentId) => agentId is null ? null : names.Other("agent_id", $"{tenantId:N}{agentId}");

    public Guid? RunKey(Guid tenantId, string? runId) => runId is null ? null : names.Other("run_id", $"{tenantId:N}{runId}");

    /// <summary>Tells agent and run of a memory from those of others; empty when it has neither.</summary>
    public static string Narrowing(string? agentId, string? runId)
        => agentId is null && runId is null ? "" : $"{agentId?.Length ?? -1}:{agentId}{runId?.Length ?? -1}:{runId}";
}
