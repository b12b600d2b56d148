// Devices by name, as far as a prediction needs them.

export interface DeviceProfile {
  /** What the user calls it. */
  readonly id: string;
  readonly name: string;
  /** Bytes per second from memory. */
  readonly bandwidth: number;
  /** f32 operations per second, a multiply-add counted as two. */
  readonly flops: number;
  /** Microseconds that a dispatch costs beside its work, where the next one waits for it. */
  readonly gap: number;
  /** `nominal`: the maker's peak figures, which kernels reach in part. `measured`: what kernels of this kind reached. */
  readonly basis: 'nominal' | 'measured';
  /** Where the figures come from. */
  readonly source: string;
}

/** Nobody publishes the gap under WebGPU: 1–5 µs is what is seen on hardware, and the nominal profiles take a value from there. */
export const DEVICE_PROFILES = [
  {
    id: 'software',
    name: 'Software adapter',
    bandwidth: 0.5e9,
    flops: 1.5e9,
    gap: 8,
    basis: 'measured',
    source:
      'SwiftShader on two server cores: 0.15–0.85 GB/s in matrix-vector, 0.8–2.4 GFLOP/s in matrix products',
  },
  {
    id: 'laptop',
    name: 'Integrated laptop GPU',
    bandwidth: 68.3e9,
    flops: 2.1e12,
    gap: 5,
    basis: 'nominal',
    source: 'Intel Iris Xe, 96 units at 1.35 GHz, LPDDR4x-4266 on 128 bits; the gap is assumed',
  },
  {
    id: 'm2-max',
    name: 'Apple M2 Max',
    bandwidth: 400e9,
    flops: 13.6e12,
    gap: 3,
    basis: 'nominal',
    source: 'Apple: 38 cores, 400 GB/s unified memory; the gap is assumed',
  },
  {
    id: 'rtx-4090',
    name: 'NVIDIA RTX 4090',
    bandwidth: 1008e9,
    flops: 82.6e12,
    gap: 2,
    basis: 'nominal',
    source: 'NVIDIA: Ada architecture paper, f32 without tensor cores; the gap is assumed',
  },
  {
    id: 'h100',
    name: 'NVIDIA H100 SXM',
    bandwidth: 3350e9,
    flops: 66.9e12,
    gap: 2,
    basis: 'nominal',
    source: 'NVIDIA: H100 data sheet, f32 without tensor cores; the gap is assumed',
  },
] as const satisfies readonly DeviceProfile[];

/** The profile that is used where nobody names one. */
export const DEFAULT_DEVICE: DeviceProfile = DEVICE_PROFILES[1];

/** The profile of this id, if there is one. */
export function deviceProfile(id: string): DeviceProfile | undefined {
  return DEVICE_PROFILES.find((profile) => profile.id === id);
}
