import torch

from vae import VAE, elbo_terms


def anneal(step, steps, top=0.5):
    return top * min(1.0, 2 * step / steps)


def main(steps=16):
    torch.manual_seed(0)
    model = VAE(features=12, latent=3)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    mixing = torch.randn(3, 12)
    for step in range(steps):
        x = torch.tanh(torch.randn(64, 3) @ mixing)
        terms, logs = elbo_terms(model, x)
        loss = terms["recon"] + anneal(step + 1, steps) * logs["kl"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 5 == 0:
            print(f"step {step} " + " ".join(f"{k} {v:.4f}" for k, v in logs.items()))


if __name__ == "__main__":
    main()
