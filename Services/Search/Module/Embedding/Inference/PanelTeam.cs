using MemoryMesh.Search.Embedding.Inference.Kernels;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>Lets other threads help with the products of one computation, panel by panel, as long as they have nothing better to do.</summary>
/// <remarks>
/// A question is too short to be cut into parts that threads would compute apart, and somebody waits for it. Each panel of outputs is computed by
/// whoever claims it first, so the result is the same to the bit however many helped; whoever leads waits at the end of a product for those that others still compute.
/// What is left of a product is counted together with the product's number: a helper that looked at one that has ended claims nothing of the next.
/// </remarks>
internal sealed unsafe class PanelTeam
{
    private const int SpinsBeforeYield = 200;

    private Int8Kernel? _kernel;
    private Int8Product _product;
    private long _left;
    private long _number;
    private int _panels;
    private int _open;
    private int _helpers;
    private bool _hasEnded;

    /// <summary>Computes a product, with those who help.</summary>
    public void Multiply(Int8Kernel kernel, in Int8Product product)
    {
        var panels = kernel.PanelsOf(product);
        if (Volatile.Read(ref _helpers) == 0 || panels == 1)
        {
            kernel.Multiply(product);
            return;
        }

        (_kernel, _product, _panels, _open) = (kernel, product, panels, panels);
        Interlocked.Exchange(ref _left, (++_number << 32) | (uint)panels);
        while (TryWork())
        {
        }

        var spin = default(SpinWait);
        while (Volatile.Read(ref _open) > 0)
        {
            // Without sleeping: what is waited for takes some microseconds, unless its thread lost its processor.
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Helps until the computation ends.</summary>
    /// <param name="isWanted">Whether this thread's turn is wanted by others: then it goes.</param>
    public void Help(Func<bool> isWanted)
    {
        Interlocked.Increment(ref _helpers);
        for (var idle = 0; !Volatile.Read(ref _hasEnded) && !isWanted();)
        {
            if (TryWork())
            {
                idle = 0;
            }
            else if (++idle % SpinsBeforeYield == 0)
            {
                Thread.Yield();
            }
            else
            {
                Thread.SpinWait(4);
            }
        }

        Interlocked.Decrement(ref _helpers);
    }

    /// <summary>Sends the helpers away.</summary>
    public void End() => Volatile.Write(ref _hasEnded, true);

    private bool TryWork()
    {
        while (true)
        {
            var left = Volatile.Read(ref _left);
            if ((int)left == 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _left, left - 1, left) == left)
            {
                // The product stays as it is until this panel is done.
                _kernel!.MultiplyPanel(_product, _panels - (int)left, ahead: 2);
                Interlocked.Decrement(ref _open);
                return true;
            }
        }
    }
}
