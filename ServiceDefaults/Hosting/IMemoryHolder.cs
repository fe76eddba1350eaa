namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Something, beside the stores, that keeps memory between two pieces of work so that the next need not take it anew.</summary>
public interface IMemoryHolder
{
    /// <summary>Gives it back. Called when the process rests; work may begin at the same time.</summary>
    void ReleaseMemory();
}
